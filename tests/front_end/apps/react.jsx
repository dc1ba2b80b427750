// What React owns must be there when React takes it away.
import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";

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
      <button onClick={() => setShown(!isShown)}>Toggle</button>
      {isShown && <Shelf />}
    </StrictMode>
  );
};

createRoot(document.getElementById("root")).render(<App />);
