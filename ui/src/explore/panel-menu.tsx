/** What can be done with a panel: share what it shows, and arrange it among the others. */
import { ActionIcon } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { serverSettings } from '../data/server-settings.ts';
import { copyText } from '../parts/copy-button.tsx';
import { Dropdown, DropdownDivider, DropdownItem } from '../parts/dropdown.tsx';
import { useNotify } from '../parts/notices.ts';
import { useText } from '../text/use-text.ts';
import { Icon } from './icons.tsx';
import { syntaxOfFeatures } from './server-syntax.ts';

/** Texts to copy are made when they are asked for. */
export interface Sharing {
  link(): string;
  fixedLink(): string;
  expression(): string;
  curl(): string;
}

export interface Arrangement {
  readonly canMoveUp: boolean;
  readonly canMoveDown: boolean;
  readonly isCollapsed: boolean;
  collapse(isCollapsed: boolean): void;
  duplicate(): void;
  move(direction: 'up' | 'down'): void;
  remove(): void;
}

interface PanelMenuProps {
  readonly sharing: Sharing;
  readonly arrangement: Arrangement;
}

export function PanelMenu({ sharing, arrangement }: PanelMenuProps): React.ReactNode {
  const text = useText().explore.menu;
  const notify = useNotify();
  const copy = (made: () => string) => () => {
    copyText(made()).then(
      () => notify({ state: 'good', title: text.copied }),
      () => notify({ state: 'bad', title: text.copyFailed }),
    );
  };
  return (
    <>
      <Dropdown
        label={text.share}
        trigger={(properties) => (
          <ActionIcon
            aria-label={text.share}
            size={30}
            title={text.share}
            variant="subtle"
            {...properties}
          >
            <Icon name="share" />
          </ActionIcon>
        )}
      >
        <DropdownItem onClick={copy(sharing.link)}>{text.copyLink}</DropdownItem>
        <DropdownItem onClick={copy(sharing.fixedLink)}>{text.copyFixedLink}</DropdownItem>
        <DropdownItem onClick={copy(sharing.expression)}>{text.copyExpression}</DropdownItem>
        <DropdownItem onClick={copy(sharing.curl)}>{text.copyCurl}</DropdownItem>
        <ReplicasItem sharing={sharing} />
      </Dropdown>
      <ArrangementMenu arrangement={arrangement} />
    </>
  );
}

/** Leads from a series to who supplied it; a server alone has no replicas. */
function ReplicasItem({ sharing }: Pick<PanelMenuProps, 'sharing'>): React.ReactNode {
  const text = useText().explore.menu;
  const notify = useNotify();
  const navigate = useNavigate();
  const { component, features } = serverSettings();
  if (component === 'prometheus') return null;
  const open = async (): Promise<void> => {
    const { firstSelector } = await import('./first-selector.ts');
    const expr = firstSelector(sharing.expression(), syntaxOfFeatures(features));
    if (expr === undefined) notify({ state: 'warn', title: text.noSeries });
    else await navigate({ to: '/replicas', search: { expr } as never });
  };
  return <DropdownItem onClick={() => void open()}>{text.replicas}</DropdownItem>;
}

function ArrangementMenu({ arrangement }: Pick<PanelMenuProps, 'arrangement'>): React.ReactNode {
  const text = useText().explore.menu;
  const { canMoveUp, canMoveDown, isCollapsed } = arrangement;
  return (
    <Dropdown
      label={text.panel}
      trigger={(properties) => (
        <ActionIcon
          aria-label={text.panel}
          size={30}
          title={text.panel}
          variant="subtle"
          {...properties}
        >
          <Icon name="more" />
        </ActionIcon>
      )}
    >
      <DropdownItem onClick={() => arrangement.collapse(!isCollapsed)}>
        {isCollapsed ? text.expand : text.collapse}
      </DropdownItem>
      <DropdownItem onClick={() => arrangement.duplicate()}>{text.duplicate}</DropdownItem>
      <DropdownItem isDisabled={!canMoveUp} onClick={() => arrangement.move('up')}>
        {text.up}
      </DropdownItem>
      <DropdownItem isDisabled={!canMoveDown} onClick={() => arrangement.move('down')}>
        {text.down}
      </DropdownItem>
      <DropdownDivider />
      <DropdownItem isDangerous onClick={() => arrangement.remove()}>
        {text.remove}
      </DropdownItem>
    </Dropdown>
  );
}
