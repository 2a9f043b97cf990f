/** A chart, drawn by Chart.js in the colours and the direction of the page, with its figures as a table for
    whoever doesn't see it. */
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart as Drawn,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from "chart.js";
import { useEffect, useRef } from "react";
import { useFormats, useSpeech } from "../words/index.tsx";

Drawn.register(
  BarController,
  BarElement,
  CategoryScale,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
);

const TONES = { main: "--crust", good: "--good", bad: "--bad", faint: "--faint" };

export interface Series {
  name: string;
  values: number[];
  kind: "bar" | "line";
  tone: keyof typeof TONES;
  dashed?: boolean;
}

interface ChartProps {
  label: string;
  labels: string[];
  series: Series[];
  format?: (value: number) => string;
}

export function Chart({ label, labels, series, format }: ChartProps) {
  const { language } = useSpeech();
  const { number } = useFormats();
  const told = format ?? number;
  const canvas = useRef<HTMLCanvasElement>(null);
  const data = JSON.stringify([labels, series]);
  useEffect(() => {
    if (canvas.current === null) return undefined;
    const style = getComputedStyle(canvas.current);
    // A colour that depends on light and dark is known once something wears it.
    const probe = document.createElement("span");
    canvas.current.parentElement?.append(probe);
    const colour = (name: string) => {
      probe.style.color = `var(${name})`;
      return getComputedStyle(probe).color;
    };
    const isRtl = style.direction === "rtl";
    const ink = colour("--faint");
    const grid = colour("--line");
    const chart = new Drawn(canvas.current, {
      type: "bar",
      data: {
        labels,
        datasets: series.map(({ name, values, kind, tone, dashed = false }) => ({
          type: kind,
          label: name,
          data: values,
          borderColor: colour(TONES[tone]),
          backgroundColor: colour(TONES[tone]),
          borderDash: dashed ? [4, 4] : [],
          pointRadius: 0,
          borderWidth: kind === "line" ? 2 : 0,
        })),
      },
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        locale: language,
        interaction: { mode: "index", intersect: false },
        scales: {
          x: { reverse: isRtl, ticks: { color: ink, maxRotation: 0, autoSkipPadding: 16 }, grid: { display: false } },
          y: {
            position: isRtl ? "right" : "left",
            beginAtZero: true,
            ticks: { color: ink, callback: (value) => told(Number(value)) },
            grid: { color: grid },
          },
        },
        plugins: {
          legend: { rtl: isRtl, labels: { color: ink, boxWidth: 12 } },
          tooltip: {
            rtl: isRtl,
            callbacks: { label: (item) => ` ${item.dataset.label ?? ""}: ${told(Math.abs(item.parsed.y ?? 0))}` },
          },
        },
      },
    });
    probe.remove();
    return () => chart.destroy();
    // Drawn anew where what is drawn has changed.
  }, [data, language, format]);
  return (
    <figure className="chart" aria-label={label}>
      <div>
        <canvas ref={canvas} aria-hidden="true" />
      </div>
      <table className="unseen">
        <caption>{label}</caption>
        <thead>
          <tr>
            <td />
            {series.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {labels.map((text, at) => (
            <tr key={text}>
              <th scope="row">{text}</th>
              {series.map(({ name, values }) => (
                <td key={name}>{told(Math.abs(values[at] ?? 0))}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
