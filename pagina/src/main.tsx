import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./pagina.css";
import { createRoot } from "react-dom/client";
import { Pagina } from "./Pagina";

// Monaco rejects whatever an editor was doing when it goes away, as it does whenever someone logs in or out.
window.addEventListener("unhandledrejection", (evento) => {
  if (evento.reason?.name === "Canceled") evento.preventDefault();
});

createRoot(document.getElementById("pagina")!).render(<Pagina />);
