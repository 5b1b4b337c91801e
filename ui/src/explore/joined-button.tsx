/** A small square button that stands beside a field as a part of it. */
import { ActionIcon } from '@mantine/core';
import { Icon, type IconName } from './icons.tsx';

interface JoinedButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly isDisabled?: boolean;
  readonly onClick: () => void;
}

export function JoinedButton(props: JoinedButtonProps): React.ReactNode {
  const { icon, label, isDisabled = false, onClick } = props;
  return (
    <ActionIcon
      aria-label={label}
      disabled={isDisabled}
      onClick={onClick}
      size={30}
      title={label}
      variant="default"
    >
      <Icon name={icon} />
    </ActionIcon>
  );
}
