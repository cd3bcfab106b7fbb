/** The words that every panel shows to its user, so that a panel painted by a target is recognised. */
import { randomInt } from 'node:crypto';

const FIRST =
  'amber bold brisk calm clear copper coral crisp dapper deep eager early faint fleet gentle golden grand green hazel humble indigo ivory jolly keen kind late light lively lucky mellow misty modest neat noble olive pale plain polite proud quick quiet ready rosy royal sandy sharp shiny silent silver sleek small snug solid spry steady still stout sunny swift tall tidy vivid warm'.split(
    ' ',
  );
const SECOND =
  'acorn anchor apple badger barley basket beacon birch bridge button candle canoe castle cedar cherry clover comet copse cricket daisy dolphin dragon falcon feather fiddle forest fountain garden glacier hammock harbor hazel heron island jasmine kettle lagoon lantern lemon maple meadow mitten oak orchard otter paddle pebble pepper pigeon pine pocket raven river saddle sparrow spruce starling teapot thistle tulip valley walnut willow'.split(
    ' ',
  );

/** Two words and two digits, about 19 bits: enough that a painter of panels would have to see one first. */
export function newPhrase(): string {
  const number = String(randomInt(100)).padStart(2, '0');
  return `${pick(FIRST)} ${pick(SECOND)} ${number}`;
}

function pick(words: readonly string[]): string {
  return words[randomInt(words.length)] ?? '';
}
