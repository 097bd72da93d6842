// Signed out meanwhile: what somebody typed stays in this page, and nowhere else. They sign in beside it and send again.
import { toast } from "./toasts.js";
import { words } from "./words.js";

const TYPED = "textarea, input:not([type=hidden])";
const isTyped = (control) => (control.matches("[type=checkbox], [type=radio]") ? control.checked !== control.defaultChecked : control.value !== control.defaultValue);

/** Whether somebody typed or ticked something in this part of the page that the server does not have. */
export const typedIn = (part) => [...part.querySelectorAll(TYPED)].some(isTyped);

const typed = () => typedIn(document);
const told = new Set();

// In a tab of its own, so that the page with the words stays.
const signIn = (place) => [words.sign_in, () => window.open(place, "_blank", "noopener")];

// What a page asks for by itself: said once, however often it asks.
const isUnasked = ({ elt, requestConfig }) => requestConfig.verb === "get" && (elt.hidden || elt.matches("[data-poll]"));

function tell(detail, text, action) {
  if (isUnasked(detail) && told.has(text)) return;
  told.add(text);
  toast(text, { tone: "red", actions: [action] });
}

// Whose page this is: what is sent from it, or asked for, is done for nobody else.
const { reader, token } = document.body.dataset;
const asReader = { "HX-Request": "true", "HX-Current-URL": location.href, "X-Reader": reader };
document.addEventListener("htmx:configRequest", ({ detail }) => { if (reader) detail.headers["X-Reader"] = reader; });

function signedOut(detail, place) {
  if (detail.requestConfig.verb === "get" && !typed()) return false;
  tell(detail, words.signed_out, signIn(place));
  return true;
}

// The next person finds nothing of what the last one typed.
function startAnew() {
  for (const form of document.forms) form.reset();
  location.reload();
}

function somebodyElse(detail) {
  if (isUnasked(detail)) startAnew();
  else tell(detail, words.somebody_else, [words.reload, startAnew]);
  return true;
}

// Another token since the page was made: whoever signed in again sends by the new one, once and without being asked.
const sentAgain = new WeakSet();

async function freshToken() {
  try {
    const answer = await fetch(token, { headers: asReader });
    return answer.status === 200 ? (await answer.json()).token : "";
  } catch {
    return "";
  }
}

function press({ elt, requestConfig: { triggeringEvent } }) {
  const submitter = triggeringEvent?.submitter;
  if (submitter?.isConnected) submitter.click();
  else if (elt.matches("form")) elt.requestSubmit();
  else elt.dispatchEvent(new Event(triggeringEvent?.type ?? "click", { bubbles: true, cancelable: true }));
}

async function sendAgain(detail) {
  const fresh = sentAgain.has(detail.elt) ? "" : await freshToken();
  if (!fresh || !detail.elt.isConnected) return tell(detail, words.out_of_date, [words.reload, () => location.reload()]);
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = fresh;
  sentAgain.add(detail.elt);
  press(detail);
}

function outOfDate(detail) {
  sendAgain(detail);
  return true;
}

const ANSWERS = { "X-Sign-In": signedOut, "X-Somebody-Else": somebodyElse, "X-Out-Of-Date": outOfDate };

document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { detail } = event;
  const found = Object.keys(ANSWERS).find((name) => detail.xhr.getResponseHeader(name));
  if (!found) sentAgain.delete(detail.elt);
  else if (ANSWERS[found](detail, detail.xhr.getResponseHeader(found))) event.preventDefault();
});
