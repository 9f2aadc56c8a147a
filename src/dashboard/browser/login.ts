/// <reference lib="dom" />
/** The login form. */
const form = document.querySelector<HTMLFormElement>('#login');
const input = document.querySelector<HTMLInputElement>('#password');
const problem = document.querySelector<HTMLElement>('#problem');

form?.addEventListener('submit', (event) => {
  event.preventDefault();
  void logIn();
});

async function logIn(): Promise<void> {
  if (input === null || problem === null) return;
  problem.textContent = '';
  try {
    const response = await fetch('/login', { method: 'POST', body: new URLSearchParams({ password: input.value }) });
    if (response.ok) {
      window.location.assign('/');
      return;
    }
    const body = (await response.json()) as { error: { message: string } };
    problem.textContent = body.error.message;
  } catch {
    problem.textContent = 'The dashboard does not answer. Is it still running?';
  }
  input.select();
}
