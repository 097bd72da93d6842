// A form is sent once at a time: whoever clicks twice means it once. Its buttons look the part, and keep the focus.
const AGAIN = 5000;
const underWay = new Set();

const buttonsOf = (element) => element.matches("form") ? element.querySelectorAll("button:not([type=button])") : [element];

function begin(element) {
  underWay.add(element);
  for (const button of buttonsOf(element)) button.setAttribute("aria-disabled", "true");
}

function end(element) {
  if (!underWay.delete(element)) return;
  for (const button of buttonsOf(element)) button.removeAttribute("aria-disabled");
}

// By htmx: until the answer is here. htmx itself would keep the second one and send it after the first.
document.addEventListener("htmx:confirm", (event) => {
  if (event.detail.verb !== "get" && underWay.has(event.detail.elt)) event.preventDefault();
});

document.addEventListener("htmx:beforeSend", ({ detail: { elt, requestConfig } }) => {
  if (requestConfig.verb !== "get") begin(elt);
});

document.addEventListener("htmx:afterRequest", (event) => end(event.detail.elt));

// By the browser itself: until the next page. What is answered with a download stays on this one.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || (event.submitter?.formMethod || form.method) !== "post") return;
  if (underWay.has(form)) return event.preventDefault();
  begin(form);
  setTimeout(() => end(form), AGAIN);
});

addEventListener("pageshow", (event) => event.persisted && [...underWay].forEach(end));
