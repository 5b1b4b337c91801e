/** The few signs of the shell, drawn in the colour of the text around them. */

interface SignProps {
  readonly children: React.ReactNode;
}

function Sign({ children }: SignProps): React.ReactNode {
  return (
    <svg
      aria-hidden="true"
      fill="none"
      height="18"
      stroke="currentColor"
      strokeLinecap="round"
      strokeLinejoin="round"
      strokeWidth="1.75"
      viewBox="0 0 24 24"
      width="18"
    >
      {children}
    </svg>
  );
}

export function MoonIcon(): React.ReactNode {
  return (
    <Sign>
      <path d="M20 14.5A8 8 0 0 1 9.5 4a8 8 0 1 0 10.5 10.5z" />
    </Sign>
  );
}

export function SunIcon(): React.ReactNode {
  return (
    <Sign>
      <circle cx="12" cy="12" r="4" />
      <path d="M12 3v2M12 19v2M3 12h2M19 12h2" />
      <path d="M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4" />
    </Sign>
  );
}

export function SettingsIcon(): React.ReactNode {
  return (
    <Sign>
      <path d="M4 7h9M17 7h3M4 17h3M11 17h9" />
      <circle cx="15" cy="7" r="2" />
      <circle cx="9" cy="17" r="2" />
    </Sign>
  );
}

export function KeyboardIcon(): React.ReactNode {
  return (
    <Sign>
      <rect height="12" rx="2" width="18" x="3" y="6" />
      <path d="M7 10h.01M11 10h.01M15 10h.01M17 10h.01M8 14h8" />
    </Sign>
  );
}
