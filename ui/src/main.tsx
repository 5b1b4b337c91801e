/** Starts the UI in the page that the server has sent. */
import { createRoot } from 'react-dom/client';
import './app/mantine-styles.ts';
import './app/tokens.css';
import { App } from './app/app.tsx';
import { createAppRouter } from './app/router.tsx';
import { serverSettings, styleNonce } from './data/server-settings.ts';
import { createQueryClient } from './data/use-api.ts';
import { UserSettingsStore } from './data/user-settings.ts';

const settings = new UserSettingsStore(keptStorage());
window.addEventListener('storage', (event) => settings.heard(event));
const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <App
      nonce={styleNonce()}
      queries={createQueryClient()}
      router={createAppRouter(serverSettings())}
      settings={settings}
    />,
  );
}

/** Browsers may deny it. */
function keptStorage(): Storage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}
