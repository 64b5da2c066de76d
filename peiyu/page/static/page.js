// The levers' state goes into the address; answers come as a stream of ever larger ones.
"use strict";
(() => {
  let source = null;

  function say(target, text) {
    const note = document.createElement("p");
    note.className = "warn";
    note.setAttribute("role", "alert");
    note.textContent = text;
    target.querySelector(".working")?.remove();
    target.prepend(note);
  }

  // Shows each answer of a stream in its place; what the planner has opened stays open.
  function follow(target, query) {
    source?.close();
    target.setAttribute("aria-busy", "true");
    const stream = source = new EventSource(`${target.dataset.stream}?${query}`);
    stream.addEventListener("answer", (event) => {
      const made = JSON.parse(event.data);
      const open = [...target.querySelectorAll("details")].map((d) => d.open);
      target.innerHTML = made.html;
      [...target.querySelectorAll("details")].forEach((d, i) => { d.open = open[i] || false; });
      target.dataset.members = made.members;
      if (made.last) { stream.close(); target.setAttribute("aria-busy", "false"); }
    });
    stream.onerror = async () => {       // a refused question says why; EventSource does not
      stream.close();
      if (stream !== source) return;
      target.setAttribute("aria-busy", "false");
      try {
        const told = await fetch(`/answer.json?members=1&${query}`);
        if (!told.ok) say(target, await told.text());
      } catch { say(target, "peiyu?"); }
    };
  }

  const form = document.getElementById("levers");
  const streamed = document.querySelector("[data-stream]");
  if (streamed && !form) follow(streamed, location.search.slice(1));
  if (!form) return;

  const cap = document.getElementById("cap");
  const levers = [...form.querySelectorAll(".lever")].map((box) => ({
    box, name: box.dataset.lever, size: box.querySelector("[data-what=size]"),
    budget: box.querySelector("[data-what=budget]"), fields: [...box.querySelectorAll("[data-what]")],
    flag: box.querySelector(".flag"),
  }));
  const whole = (x) => Math.round(x).toLocaleString("en");
  const spend = () => levers.reduce((sum, x) => sum + Number(x.size.value) * Number(x.budget.value), 0);
  const written = levers.reduce((sum, x) => sum + Number(x.size.dataset.was) * Number(x.budget.dataset.was), 0);
  let waiting = 0;

  function query() {
    const q = new URLSearchParams([["lang", form.elements.lang.value], ["base", form.elements.base.value]]);
    for (const x of levers)
      for (const field of x.fields)
        if (field.value !== field.dataset.was && field.validity.valid && field.value !== "")
          q.append("set", `${x.name}.${field.dataset.what}:${field.value}`);
    for (const name of form.querySelectorAll("[name=with]")) q.append("with", name.value);
    return q.toString();
  }

  function show() {
    for (const x of levers) {
      const size = Number(x.size.value);
      x.size.parentElement.querySelector("output").value = `×${x.size.value}`;
      x.size.setAttribute("aria-valuetext", `×${x.size.value}`);
      x.box.classList.toggle("changed", x.fields.some((f) => f.value !== f.dataset.was));
      x.flag.hidden = size === 0 || (size >= Number(x.flag.dataset.low) && size <= Number(x.flag.dataset.high));
    }
    const total = spend(), most = Number(cap.value) || 0;
    document.getElementById("total").value = whole(total);
    const bar = document.getElementById("spendbar");
    bar.style.setProperty("--part", `${Math.min(100, 100 * total / (most || 2 * written || 1))}%`);
    bar.classList.toggle("full", most > 0 && total >= most - 0.5);
    const over = document.getElementById("over");
    over.hidden = !(most > 0 && total > most + 0.5);
    over.textContent = over.dataset.text.replace("{n}", whole(total - most));
    return over.hidden;
  }

  // The budget cannot be overspent: what was moved goes back to what fits.
  function hold(field) {
    const most = Number(cap.value) || 0, x = levers.find((l) => l.fields.includes(field));
    if (!most || !x || spend() <= most + 0.5) return;
    const others = spend() - Number(x.size.value) * Number(x.budget.value);
    const room = Math.max(0, most - others);
    if (field === x.budget) x.budget.value = String(Math.floor(room / (Number(x.size.value) || 1)));
    else if (Number(x.budget.value) > 0)
      x.size.value = String(Math.floor(room / Number(x.budget.value) / Number(x.size.step)) * Number(x.size.step));
  }

  function ask() {
    if (!show()) return;
    const q = query();
    history.replaceState(null, "", `?${q}`);
    for (const link of document.querySelectorAll(".bar nav a, a.brand")) link.search = q;
    const other = document.querySelector(".bar .lang");
    const turned = new URLSearchParams(q);
    turned.set("lang", other.lang);
    other.search = turned.toString();
    follow(streamed, q);
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    if (event.target.id === "base" || event.target.id === "file") return;
    hold(event.target);
    show();
    clearTimeout(waiting);
    waiting = setTimeout(ask, 150);
  });
  form.elements.base.addEventListener("change", () => {
    const q = new URLSearchParams([["lang", form.elements.lang.value], ["base", form.elements.base.value]]);
    for (const name of form.querySelectorAll("[name=with]")) q.append("with", name.value);
    location.search = q.toString();
  });
  document.getElementById("reset").addEventListener("click", () => {
    for (const x of levers) for (const field of x.fields) field.value = field.dataset.was;
    ask();
  });
  document.getElementById("file").addEventListener("change", async (event) => {
    const [file] = event.target.files, told = document.getElementById("upload-told");
    if (!file) return;
    const answer = await fetch("/upload", { method: "POST", body: file });
    event.target.value = "";
    told.hidden = answer.ok;
    if (!answer.ok) { told.textContent = await answer.text(); return; }
    location.search = new URLSearchParams([["lang", form.elements.lang.value], ["base", (await answer.json()).base]]).toString();
  });
  ask();
})();
