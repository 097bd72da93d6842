// Everything here enhances: each page works without it.
import "./toasts.js";
import "./dialogs.js";
import "./sending.js";
import "./drafts.js";
import "./keys.js";
import "./table.js";
import "./clocks.js";
import "./poll.js";
import "./palette.js";
import "./shortcuts.js";
import "./notes.js";
import "./how.js";
import "./leaving.js";
import "./returning.js";
import "./moved_on.js";
import "./mentions.js";

document.documentElement.classList.add("script");

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value;
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token;
});

// A form that came back with errors: say so where the reader is.
const showErrors = (root) => root.querySelector?.("#form-errors")?.focus();
showErrors(document);
document.addEventListener("htmx:afterSettle", (event) => showErrors(event.target));

document.addEventListener("change", (event) => {
  const owner = event.target.closest("[data-autosubmit]");
  if (owner) (event.target.form ?? owner).requestSubmit();
});
