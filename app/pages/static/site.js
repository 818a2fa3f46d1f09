// Comfort alone: every page works without it.
// A register that knows no public address writes a local one into what is to be copied. The reader's is put in its place.
const local = document.currentScript.dataset.local;

document.addEventListener("DOMContentLoaded", () => {
  for (const element of document.querySelectorAll(".citation, pre > code")) {
    if (local && element.textContent.includes(local)) {
      element.textContent = element.textContent.replaceAll(local, location.origin);
    }
  }
  if (!navigator.clipboard) return;
  for (const element of document.querySelectorAll("[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small";
    button.textContent = element.dataset.copy;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(element.textContent);
      button.textContent = element.dataset.done;
    });
    element.after(button);
  }
});
