// Pages kept for a poor line go with whoever signs out, and are gone before the next one signs in.
async function forget() {
  await (await import("./visit_offline.js")).forgetPage();
}

document.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-signs-out]")) return;
  event.preventDefault();
  try {
    await forget();
  } finally {
    event.target.submit();
  }
});

if (document.querySelector("[data-signs-in]")) forget();
