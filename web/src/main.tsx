import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Problem } from "./api/client.ts";
import { App } from "./app.tsx";
import "./style.css";
import { wearTheme } from "./theme.ts";
import { Speaking } from "./words/index.tsx";

wearTheme();

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What the backend refuses it refuses again; what doesn't reach it may pass.
      retry: (failures, error) => !(error instanceof Problem && error.status < 500) && failures < 2,
      staleTime: 10_000,
    },
  },
});

const place = document.getElementById("app");
if (place === null) throw new Error("the page has no place for the app");
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Speaking>
        <App />
      </Speaking>
    </QueryClientProvider>
  </StrictMode>,
);
