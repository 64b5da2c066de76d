// Answers come as a stream of ever larger ones; forms are sent, and what they say is shown in its place.
"use strict";
window.peiyu = (() => {
  let source = null, years = null;

  function say(target, text) {
    const note = document.createElement("p");
    note.className = "warn";
    note.setAttribute("role", "alert");
    note.textContent = text;
    target.querySelector(".working")?.remove();
    target.querySelector("[role=alert]")?.remove();
    target.prepend(note);
  }

  // The years after the deadline take longer to run: they come when the answer is whole.
  async function later(target, query) {
    const place = target.querySelector("#later");
    if (!place) return;
    years = new AbortController();
    try {
      const told = await fetch(`/later?${query}`, { signal: years.signal });
      if (told.ok) place.innerHTML = await told.text();
    } catch { /* the planner has moved on */ }
  }

  // What was asked last is worked at, or waits for so many others: told where the answer will stand, else in the bar.
  function queue(target, others) {
    const bar = document.querySelector(".queue"), told = target.querySelector(":scope > .working") ?? bar;
    told.textContent = others === null ? "" : others ? bar.dataset.others.replace("{n}", others) : bar.dataset.working;
    bar.classList.toggle("working", bar.textContent !== "");
  }

  // Shows each answer of a stream in its place; what the planner has opened stays open.
  function follow(target, query) {
    source?.close();
    years?.abort();
    target.setAttribute("aria-busy", "true");
    target.classList.add("old");
    queue(target, 0);
    const stream = source = new EventSource(`${target.dataset.stream}?${query}`);
    stream.addEventListener("waiting", (event) => queue(target, JSON.parse(event.data).others));
    stream.addEventListener("renewed", () => location.reload());
    stream.addEventListener("answer", (event) => {
      const made = JSON.parse(event.data);
      const open = [...target.querySelectorAll("details")].map((d) => d.open);
      target.innerHTML = made.html;
      target.classList.remove("old");
      queue(target, null);
      [...target.querySelectorAll("details")].forEach((d, i) => { d.open = open[i] || false; });
      target.dataset.members = made.members;
      if (made.last) { stream.close(); target.setAttribute("aria-busy", "false"); later(target, query); }
    });
    stream.onerror = async () => {       // a refused question says why; EventSource does not
      stream.close();
      if (stream !== source) return;
      target.setAttribute("aria-busy", "false");
      queue(target, null);
      try {
        const told = await fetch(`/answer.json?members=1&${query}`);
        if (!told.ok) say(target, await told.text());
      } catch { say(target, document.body.dataset.gone); }
    };
  }

  const streamed = document.querySelector("[data-stream]");
  if (streamed && !document.getElementById("levers")) follow(streamed, location.search.slice(1));

  // A new number makes a new forecast: the page says how far it is and goes there when it is ready.
  let renewal = null;
  function renewed(note) {
    renewal?.close();
    const stream = renewal = new EventSource(note.dataset.follow), far = note.querySelector(".progress");
    const stop = (text) => { stream.close(); note.classList.replace("working", "warn"); note.textContent = text; };
    stream.addEventListener("progress", (event) => {
      const { done, of } = JSON.parse(event.data);
      far.textContent = of ? `${done} / ${of}` : "";
    });
    stream.addEventListener("renewed", () => location.assign(`/${location.search}`));
    stream.addEventListener("refused", (event) => stop(JSON.parse(event.data).why));
    stream.onerror = () => stop(document.body.dataset.gone);
  }

  // A form that is checked before it is entered: a button sends it, the other one writes.
  for (const form of document.querySelectorAll("form[data-send]")) form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const told = form.querySelector(".told"), fields = new URLSearchParams(new FormData(form));
    const going = told.querySelector(".working");  // a renewal goes on, whatever is said of the next entry
    let next = null;
    if (event.submitter?.value) fields.set("write", event.submitter.value);
    try {
      const answer = await fetch(form.dataset.send + location.search, { method: "POST", body: fields });
      told.classList.toggle("warn", !answer.ok);
      if (answer.ok) {
        told.innerHTML = await answer.text();
        next = told.querySelector("[data-follow]");
        if (next) renewed(next);
      } else told.textContent = await answer.text();
    } catch { told.textContent = document.body.dataset.gone; }
    if (going && !next) told.append(going);
  });

  for (const link of document.querySelectorAll("[data-link]")) link.textContent = location.origin + link.textContent;
  for (const button of document.querySelectorAll("[data-copy-from]")) button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copyFrom).textContent);
    button.textContent = button.dataset.done;
  });
  for (const box of document.querySelectorAll("fieldset[data-most]")) {
    const hold = () => {
      const boxes = [...box.querySelectorAll("input[type=checkbox]")];
      const full = boxes.filter((x) => x.checked).length >= Number(box.dataset.most);
      for (const x of boxes) x.disabled = full && !x.checked;
    };
    box.addEventListener("change", hold);
    hold();
  }
  return { follow, say, streamed };
})();
