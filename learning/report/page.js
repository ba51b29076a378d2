"use strict";
// Draws every figure of the page, in the colours of the style sheet, as its controls say.
const page = document.documentElement;
const print = matchMedia("print");
const dark = matchMedia("(prefers-color-scheme: dark)");
const PRINT_WIDTH = 680;

const coloured = (text) => {
  const style = getComputedStyle(page);
  return JSON.parse(text.replace(/"var\((--[\w-]+)\)"/g,
    (_, name) => JSON.stringify(style.getPropertyValue(name).trim())));
};

const figures = [...document.querySelectorAll("[data-figure]")].map((block) => {
  const canvas = block.querySelector(".canvas");
  const text = block.querySelector("script").textContent;
  const controls = [...block.querySelectorAll("[data-choice]")];
  const said = block.querySelector(".said");
  let figure;
  const draw = () => {
    const view = figure.views[controls.map((each) => each.value).join("|")];
    const off = new Set([...block.querySelectorAll("[data-box]:not(:checked)")].map((box) => box.value));
    const hidden = (trace) => off.has(trace.meta?.box) ? {opacity: 0, hoverinfo: "skip", hovertemplate: null} : {};
    const width = page.dataset.print === undefined ? canvas.clientWidth : PRINT_WIDTH;
    const rows = Math.ceil(figure.rows / Math.max(1, Math.floor(width / 240)));
    said.textContent = view.words;
    return Plotly.react(canvas,
      figure.data.map((trace, i) => ({...trace, ...view.traces[i], ...hidden(trace)})),
      {...figure.layout, ...view.layout, width, height: figure.layout.height + 22 * rows},
      {displaylogo: false, modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"]});
  };
  block.addEventListener("input", draw);
  return {draw, recolour: () => { figure = coloured(text); return draw(); }};
});

const recolour = () => figures.forEach((each) => each.recolour());
const printing = (on) => {
  if (on) page.dataset.print = ""; else delete page.dataset.print;
  recolour();
};
recolour();
dark.addEventListener("change", recolour);
print.addEventListener("change", (event) => printing(event.matches));
addEventListener("beforeprint", () => printing(true));
addEventListener("afterprint", () => printing(false));
addEventListener("resize", () => figures.forEach((each) => each.draw()));
