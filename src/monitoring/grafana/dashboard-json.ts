import type { Dashboard, Panel } from './panel.js';

/** The uid under which every panel finds Prometheus. */
export const datasourceUid = 'elt-prometheus';
const datasource = { type: 'prometheus', uid: datasourceUid } as const;
const panelHeight = 8;

/** A dashboard as Grafana's files have it (schema 39, Grafana 10.4 and newer). */
export function dashboardJson({ uid, title, description, panels }: Dashboard): string {
  const places = layOut(panels.map(({ width }) => width));
  const model = {
    uid,
    title,
    description,
    tags: ['elt'],
    schemaVersion: 39,
    editable: false,
    graphTooltip: 1,
    timezone: 'utc',
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    templating: { list: [pipelineVariable()] },
    links: [{ type: 'dashboards', tags: ['elt'], asDropdown: false, title: '', keepTime: true, includeVars: true }],
    panels: panels.map((panel, index) => panelJson(panel, index + 1, places[index] as Place)),
  };
  return `${JSON.stringify(model, null, 2)}\n`;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** From left to right, then the next row. */
function layOut(widths: readonly number[]): readonly Place[] {
  let [x, y] = [0, 0];
  return widths.map((width) => {
    if (x + width > 24) [x, y] = [0, y + panelHeight];
    const place = { x, y };
    x += width;
    return place;
  });
}

function pipelineVariable() {
  const query = 'label_values(elt_active_runs, pipeline)';
  return {
    name: 'pipeline',
    label: 'Pipeline',
    type: 'query',
    datasource,
    query: { query, refId: 'pipelines' },
    definition: query,
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: 'All', value: '$__all' },
  };
}

function panelJson({ title, kind, unit, queries, width, threshold, mayBeEmpty }: Panel, id: number, place: Place) {
  const steps = [
    { color: 'green', value: null },
    ...(threshold === undefined ? [] : [{ color: 'red', value: threshold }]),
  ];
  const isGraph = kind === 'timeseries';
  return {
    id,
    title,
    type: kind,
    ...(mayBeEmpty === undefined ? {} : { description: `Empty when ${mayBeEmpty}.` }),
    datasource,
    gridPos: { h: panelHeight, w: width, ...place },
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        thresholds: { mode: 'absolute', steps },
        ...(isGraph
          ? { custom: { spanNulls: false, thresholdsStyle: { mode: threshold === undefined ? 'off' : 'dashed' } } }
          : {}),
      },
      overrides: [],
    },
    options: isGraph
      ? {
          legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
          tooltip: { mode: 'multi', sort: 'desc' },
        }
      : { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false }, textMode: 'value_and_name' },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource,
      editorMode: 'code',
      expr,
      legendFormat: legend,
      range: isGraph,
      instant: !isGraph,
    })),
  };
}
