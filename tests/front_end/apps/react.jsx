// What React owns must be there when React takes it away.
import { StrictMode, useState, useSyncExternalStore } from "react";
import { createRoot } from "react-dom/client";

import { allows, on } from "cookiegate.mjs";

const subscribe = (update) => {
  const stops = [on("ready", update), on("change", update)];
  return () => stops.forEach((stop) => stop());
};
const useConsent = (category) => useSyncExternalStore(subscribe, () => allows(category));

const Shelf = () => {
  const [films, setFilms] = useState(["/film", "/sequel"]);
  return (
    <>
      <script type="text/plain" data-cookiegate="analysis">
        {"ran.push('react')"}
      </script>
      {films.map((film) => (
        <iframe key={film} title={film} data-cookiegate="marketing" data-cookiegate-src={film} />
      ))}
      <img alt="" data-cookiegate="marketing" data-cookiegate-src="/still.svg" />
      <button onClick={() => setFilms([...films].reverse())}>Reverse</button>
      <button onClick={() => setFilms(["/third"])}>Replace</button>
    </>
  );
};

const App = () => {
  const [isShown, setShown] = useState(true);
  return (
    <StrictMode>
      <output>{useConsent("marketing") ? "marketing is allowed" : "marketing is off"}</output>
      <button onClick={() => setShown(!isShown)}>Toggle</button>
      {isShown && <Shelf />}
    </StrictMode>
  );
};

createRoot(document.getElementById("root")).render(<App />);
