// The login page: a link with the token in its fragment logs in by itself, and an address of the debug tool is kept.

const form = document.getElementById("login");
const token = new URLSearchParams(location.hash.slice(1)).get("token");
if (token) {
  history.replaceState(null, "", location.pathname + location.search);
  form.elements.token.value = token;
  form.requestSubmit();
} else if (location.hash.length > 1) {
  // What follows the fragment's sign goes along with the redirect.
  form.action += location.hash;
}
