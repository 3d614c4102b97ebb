// Lists and the forms beside them: what is refused is told in the form and nothing of it is lost; times are those of the reader.

function dress(within) {
  for (const time of within.querySelectorAll("time[data-unix]")) {
    time.textContent = new Date(Number(time.dataset.unix) * 1000).toLocaleString(document.documentElement.lang);
  }
}

const main = document.getElementById("content");
dress(main);
main.addEventListener("htmx:afterSwap", () => dress(main));

main.addEventListener("htmx:beforeRequest", (event) => {
  for (const old of main.querySelectorAll(".refusal, .told")) old.textContent = "";
  for (const old of main.querySelectorAll(".told")) old.remove();
});

main.addEventListener("htmx:responseError", (event) => {
  const place = event.target.querySelector?.(".refusal") ?? document.querySelector("#list > .refusal");
  if (!place) return;
  place.textContent = event.detail.xhr.responseText;
  event.stopPropagation();
});

main.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form[data-clears]");
  if (!form || !event.detail.successful) return;
  form.reset();
  form.querySelector("input, textarea").focus();
});
