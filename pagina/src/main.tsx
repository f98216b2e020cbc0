import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./pagina.css";
import { createRoot } from "react-dom/client";
import { Pagina } from "./Pagina";

createRoot(document.getElementById("pagina")!).render(<Pagina />);
