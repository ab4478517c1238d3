// Reloads the page as soon as the preview shows something else than this page does.
const bar = document.getElementById("digest-preview");
let states = null;

function listen() {
  states?.close();
  states = null;
  if (document.hidden) return; // a browser keeps few connections to one server, and reads none that it does not show
  states = new EventSource("/.preview/states");
  states.onopen = () => ended(false);
  states.onmessage = ({ data }) => {
    if (data !== bar.dataset.state) location.reload();
  };
  states.onerror = () => {
    ended(true);
    if (states.readyState === EventSource.CLOSED) setTimeout(listen, 500); // else it connects again by itself
  };
}

function ended(yes) {
  bar.querySelector(".ended").hidden = !yes;
}

document.addEventListener("visibilitychange", listen);
listen();
