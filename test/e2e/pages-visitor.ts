import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';

export interface VisitorSettings {
  /** A development identity; nobody is signed in without one. */
  readonly as?: string;
  readonly javaScript?: 'on' | 'off';
  readonly colours?: 'light' | 'dark';
  readonly width?: number;
  /** `any`: also those that nobody vouches for. */
  readonly certificates?: 'trusted' | 'any';
}

/** A person at a browser of his own. */
export interface Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Refusals by the content security policy, uncaught errors and dialogs; empty where all is well. */
  readonly complaints: readonly string[];
  goto(path: string): Promise<void>;
  /** Rule ids and the elements that break them. */
  axe(): Promise<readonly string[]>;
  leave(): Promise<void>;
}

export async function visitor(browser: Browser, url: string, settings: VisitorSettings = {}): Promise<Visitor> {
  const { as, javaScript = 'on', colours = 'light', width = 1200, certificates = 'trusted' } = settings;
  const context = await browser.newContext({
    javaScriptEnabled: javaScript === 'on',
    colorScheme: colours,
    viewport: { width, height: 800 },
    bypassCSP: false,
    ignoreHTTPSErrors: certificates === 'any',
  });
  await context.addInitScript(
    "document.addEventListener('securitypolicyviolation', (event) => console.error('csp-report ' + event.violatedDirective + ' ' + event.blockedURI));",
  );
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (/csp-report|Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  const goto = async (path: string): Promise<void> => void (await page.goto(`${url}${path}`));
  if (as !== undefined) {
    await goto('/login');
    await signIn(page, as);
  }
  return {
    page,
    context,
    complaints,
    goto,
    async axe() {
      await page.evaluate(axe.source);
      const found = await page.evaluate<axe.AxeResults>('axe.run(document, { preload: false })');
      return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
    },
    leave: () => context.close(),
  };
}

/** On the login page. */
export async function signIn(page: Page, subject: string): Promise<void> {
  await page.locator(`form:has(input[name="subject"][value="${subject}"]) button`).click();
  await page.waitForURL((address) => address.pathname !== '/login');
}
