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
    states.close(); // by itself, a browser asks again after seconds, or never
    setTimeout(listen, 500);
  };
}

function ended(yes) {
  bar.querySelector(".ended").hidden = !yes;
}

document.addEventListener("visibilitychange", listen);
listen();
