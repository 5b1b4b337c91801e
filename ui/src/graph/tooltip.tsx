/** What lies under the pointer, beside it: always within the picture, never in the way of the pointer. */
import classes from './graph.module.css';

export interface TooltipPlace {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface TooltipProps {
  readonly place: TooltipPlace;
  readonly time: string;
  readonly children: React.ReactNode;
}

/** `place` is the pointer within the picture, and the picture's size. */
export function Tooltip({ place, time, children }: TooltipProps): React.ReactNode {
  const { left, top, width, height } = place;
  const isRight = left > width / 2;
  const isLow = top > height / 2;
  const beside = isRight ? `calc(${left - 14}px - 100%)` : `${left + 14}px`;
  const x = `clamp(0px, ${beside}, calc(${width}px - 100%))`;
  const y = isLow ? `calc(${top}px - 100% - 8px)` : `${top + 8}px`;
  return (
    <div className={classes.tooltip} style={{ transform: `translate(${x}, ${y})` }}>
      <div className={classes.tooltipTime}>{time}</div>
      {children}
    </div>
  );
}

export interface TooltipLineProps {
  readonly colour?: string;
  readonly name: string;
  readonly value: string;
}

export function TooltipLine({ colour, name, value }: TooltipLineProps): React.ReactNode {
  return (
    <div className={classes.tooltipLine}>
      {colour === undefined ? null : (
        <span className={classes.swatch} style={{ background: colour }} />
      )}
      <span className={classes.tooltipName}>{name}</span>
      <span className={classes.tooltipValue}>{value}</span>
    </div>
  );
}
