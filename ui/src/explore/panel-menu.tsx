/** What can be done with a panel: share what it shows, and arrange it among the others. */
import { ActionIcon, Menu } from '@mantine/core';
import { copyText } from '../parts/copy-button.tsx';
import { useNotify } from '../parts/notices.ts';
import { useText } from '../text/use-text.ts';
import { Icon } from './icons.tsx';

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
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon aria-label={text.share} size={30} title={text.share} variant="subtle">
            <Icon name="share" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={copy(sharing.link)}>{text.copyLink}</Menu.Item>
          <Menu.Item onClick={copy(sharing.fixedLink)}>{text.copyFixedLink}</Menu.Item>
          <Menu.Item onClick={copy(sharing.expression)}>{text.copyExpression}</Menu.Item>
          <Menu.Item onClick={copy(sharing.curl)}>{text.copyCurl}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ArrangementMenu arrangement={arrangement} />
    </>
  );
}

function ArrangementMenu({ arrangement }: Pick<PanelMenuProps, 'arrangement'>): React.ReactNode {
  const text = useText().explore.menu;
  const { canMoveUp, canMoveDown, isCollapsed } = arrangement;
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon aria-label={text.panel} size={30} title={text.panel} variant="subtle">
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => arrangement.collapse(!isCollapsed)}>
          {isCollapsed ? text.expand : text.collapse}
        </Menu.Item>
        <Menu.Item onClick={() => arrangement.duplicate()}>{text.duplicate}</Menu.Item>
        <Menu.Item disabled={!canMoveUp} onClick={() => arrangement.move('up')}>
          {text.up}
        </Menu.Item>
        <Menu.Item disabled={!canMoveDown} onClick={() => arrangement.move('down')}>
          {text.down}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item color="red" onClick={() => arrangement.remove()}>
          {text.remove}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
