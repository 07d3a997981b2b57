/* Draws each figure when it comes into sight, keeps the still picture for printing. */
(function () {
  "use strict";
  var config = { responsive: true, displayModeBar: false, displaylogo: false };

  function draw(canvas) {
    if (canvas.dataset.state) return;
    canvas.dataset.state = "drawing";
    var spec = JSON.parse(document.getElementById(canvas.dataset.figure).textContent);
    var live = document.createElement("div");
    live.className = "live";
    live.style.minWidth = canvas.dataset.minWidth + "px";
    live.style.height = spec.layout.height + "px";
    canvas.appendChild(live);
    Plotly.newPlot(live, spec.data, spec.layout, config).then(
      function () {
        canvas.classList.add("drawn");
        canvas.dataset.state = "drawn";
        canvas.classList.toggle("wide", canvas.scrollWidth > canvas.clientWidth + 1);
      },
      function () { live.remove(); canvas.dataset.state = "still"; }
    );
  }

  var canvases = Array.prototype.slice.call(document.querySelectorAll(".canvas[data-figure]"));
  var still = canvases.length > 0 && canvases.every(function (c) { return c.querySelector("img"); });
  if ("IntersectionObserver" in window) {
    var watch = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) {
        if (entry.isIntersecting) { watch.unobserve(entry.target); draw(entry.target); }
      });
    }, { rootMargin: "400px 0px" });
    canvases.forEach(function (canvas) { watch.observe(canvas); });
  } else {
    canvases.forEach(draw);
  }
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (more) { more.open = true; });
    if (!still) canvases.forEach(draw);
  });

  /* Contents: mark the section in sight; on small screens close the list after a choice. */
  var contents = document.querySelector(".contents details");
  var wide = window.matchMedia("(min-width: 1001px)");
  function fit() { contents.open = wide.matches; }
  fit();
  wide.addEventListener("change", fit);
  var links = {};
  contents.querySelectorAll("a").forEach(function (link) {
    links[link.getAttribute("href").slice(1)] = link;
    link.addEventListener("click", function () { if (!wide.matches) contents.open = false; });
  });
  var targets = Object.keys(links).map(function (id) { return document.getElementById(id); })
    .filter(Boolean);
  function mark() {
    var current = targets[0];
    targets.forEach(function (target) {
      if (target.getBoundingClientRect().top < 140) current = target;
    });
    Object.keys(links).forEach(function (id) { links[id].removeAttribute("aria-current"); });
    if (current) links[current.id].setAttribute("aria-current", "true");
  }
  document.addEventListener("scroll", mark, { passive: true });
  mark();
})();
