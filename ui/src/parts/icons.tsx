/** The few signs of the UI, drawn in the colour of the text around them; what they mean is said beside them. */

interface SignProps {
  readonly children: React.ReactNode;
  readonly size?: number;
}

function Sign({ children, size = 18 }: SignProps): React.ReactNode {
  return (
    <svg
      aria-hidden="true"
      fill="none"
      height={size}
      stroke="currentColor"
      strokeLinecap="round"
      strokeLinejoin="round"
      strokeWidth="1.75"
      style={{ flexShrink: 0 }}
      viewBox="0 0 24 24"
      width={size}
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

export function CopyIcon(): React.ReactNode {
  return (
    <Sign size={14}>
      <rect height="11" rx="2" width="11" x="9" y="9" />
      <path d="M5 15H4a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1h10a1 1 0 0 1 1 1v1" />
    </Sign>
  );
}

export function CheckIcon(): React.ReactNode {
  return (
    <Sign size={14}>
      <path d="m4 12 5 5L20 6" />
    </Sign>
  );
}

export function SearchIcon(): React.ReactNode {
  return (
    <Sign size={16}>
      <circle cx="11" cy="11" r="6" />
      <path d="m20 20-4.5-4.5" />
    </Sign>
  );
}

export function CloseIcon(): React.ReactNode {
  return (
    <Sign size={16}>
      <path d="M6 6l12 12M18 6 6 18" />
    </Sign>
  );
}

/** Points right; what is open turns it. */
export function ChevronIcon(): React.ReactNode {
  return (
    <Sign size={16}>
      <path d="m9 6 6 6-6 6" />
    </Sign>
  );
}

/** `up`, `down`, or both for what is not sorted. */
export function SortIcon({ order }: { readonly order?: 'up' | 'down' }): React.ReactNode {
  return (
    <Sign size={14}>
      {order !== 'down' && <path d="m8 10 4-4 4 4" />}
      {order !== 'up' && <path d="m8 14 4 4 4-4" />}
    </Sign>
  );
}
