// Lists and the forms beside them: what is refused is told in the form and nothing of it is lost; times are those of the reader.

function dress(within) {
  for (const time of within.querySelectorAll("time[data-unix]")) {
    time.textContent = new Date(Number(time.dataset.unix) * 1000).toLocaleString(document.documentElement.lang);
  }
}

const main = document.getElementById("content");
dress(main);
main.addEventListener("htmx:afterSwap", () => dress(main));

// What is told of the last thing that was done goes with the next.
main.addEventListener("htmx:beforeRequest", () => {
  for (const old of main.querySelectorAll(".refusal")) old.textContent = "";
  for (const old of main.querySelectorAll(".told")) old.remove();
});

// 422 is a refusal, whose text is for the person who asked.
const REFUSED = 422;

main.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.status !== REFUSED) return;
  const place = requestConfig.elt.querySelector(".refusal") ?? document.querySelector("#list > .refusal");
  place.textContent = xhr.responseText;
  event.detail.isError = false;
  event.detail.shouldSwap = false;
});

main.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form[data-clears]");
  if (!form || event.detail.xhr.status !== 200) return;
  form.reset();
  form.querySelector("input, textarea").focus();
});
