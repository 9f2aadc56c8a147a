/** An expression of a panel with Grafana's variables filled in, as Prometheus gets it. */
export function panelQuery(expr: string, interval = '1m'): string {
  return expr.replaceAll('$__rate_interval', interval).replaceAll('$__range', interval).replaceAll('$pipeline', '.*');
}
