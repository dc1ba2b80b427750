// A router as single-page applications have one: it renders the page of each path itself.
const PAGES = {
  "/": "<h1>Home</h1>",
  "/film": `<h1>Film</h1>
    <script type="text/plain" data-cookiegate="analysis">ran.push(location.pathname)</script>
    <iframe title="Film" data-cookiegate="marketing" data-cookiegate-src="/films/1"></iframe>`,
};
const render = () => {
  document.getElementById("root").innerHTML = PAGES[location.pathname];
};
document.addEventListener("click", (event) => {
  const link = event.target.closest("nav a");
  if (!link) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  render();
});
addEventListener("popstate", render);
render();
