// Pages kept for a poor line go with whoever signs out, and are gone before the next one signs in.
async function forget() {
  await (await import("./visit_offline.js")).forgetPage();
}

// What was typed in other tabs goes, too.
const others = "BroadcastChannel" in window ? new BroadcastChannel("portal-leaving") : null;

others?.addEventListener("message", () => {
  for (const form of document.forms) form.reset();
  location.reload();
});

document.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-signs-out]")) return;
  event.preventDefault();
  others?.postMessage("");
  try {
    await forget();
  } finally {
    event.target.submit();
  }
});

if (document.querySelector("[data-signs-in]")) forget();
