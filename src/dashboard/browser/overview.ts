/// <reference lib="dom" />
/** The overview: listens to the server's stream and shows the newest state. */
import type { Overview } from '../overview-model.js';
import { ask, post, type SessionInfo } from './api.js';
import { h, patchChildren } from './dom.js';
import { pipelineCard, sourceNotices } from './pipeline-card.js';
import { openRun, stopRun } from './run-dialog.js';
import { runsCard } from './runs-card.js';

const main = document.querySelector('#main') as HTMLElement;
const connection = document.querySelector('#connection') as HTMLElement;
const dialog = document.querySelector('#run') as HTMLDialogElement;
const logout = document.querySelector('#logout') as HTMLButtonElement;

let overview: Overview | undefined;
/** The server's clock minus this browser's. */
let aheadMs = 0;
let session: SessionInfo = { hasPassword: false, isReadOnly: true, csrfToken: null };

function show(): void {
  if (overview === undefined) return;
  const now = Date.now() + aheadMs;
  const none = h(
    'section',
    { class: 'card empty' },
    h('p', { class: 'big' }, 'No pipeline is declared'),
    h('p', { class: 'muted' }, 'Pipelines are declared in elt.yaml.'),
  );
  const pipelines = overview.pipelines.map((pipeline) => pipelineCard(pipeline, now));
  const page = h(
    'main',
    {},
    ...sourceNotices(overview, now),
    ...(pipelines.length > 0 ? pipelines : [none]),
    runsCard(overview, now),
  );
  patchChildren(main, page);
}

function say(text: string, kind: string): void {
  if (connection.textContent !== text) connection.textContent = text;
  connection.className = `connection ${kind}`;
}

/** The browser connects again by itself, unless the server refuses: then the session may be over. */
function listen(): void {
  const events = new EventSource('/api/events');
  events.addEventListener('overview', (event) => {
    overview = JSON.parse((event as MessageEvent<string>).data) as Overview;
    aheadMs = Date.parse(overview.at) - Date.now();
    say('live', 'live');
    show();
  });
  events.addEventListener('error', () => {
    say('connection lost, trying again', 'lost');
    if (events.readyState !== EventSource.CLOSED) return;
    setTimeout(listen, 2_000);
    void start();
  });
}

async function start(): Promise<void> {
  session = await ask<SessionInfo>('/api/session').catch(() => session);
  logout.hidden = !session.hasPassword;
}

document.addEventListener('click', (event) => {
  const button = (event.target as Element).closest('button');
  if (button === null) return;
  if (button.dataset['run'] !== undefined) void openRun(dialog, button.dataset['run'], session);
  if (button.dataset['close'] !== undefined) dialog.close();
  if (button.dataset['stop'] !== undefined) void stopRun(button, session);
});
logout.addEventListener('click', () => {
  void post('/logout', session).finally(() => window.location.assign('/login'));
});
setInterval(show, 1_000);
void start();
listen();
