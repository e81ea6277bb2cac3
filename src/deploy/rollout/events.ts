import { at, member, text } from '../../json.js';
import type { KubeObject } from '../objects.js';

/** What an event may be about. */
type About = Pick<KubeObject, 'kind' | 'name'>;

/** The events of a namespace: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ */
export class EventLog {
  private readonly events: KubeObject[];

  constructor(objects: KubeObject[]) {
    this.events = objects
      .filter(({ kind }) => kind === 'Event')
      .sort((a, b) => happenedAt(a).localeCompare(happenedAt(b)));
  }

  /**
   * What the last event of a reason says of an object, or of one container of it where that is named; undefined where there
   * is none.
   */
  last(object: About, reason: string | RegExp, container = ''): string | undefined {
    const fits = (event: KubeObject) =>
      isAbout(event, object) &&
      (typeof reason === 'string' ? event.body['reason'] === reason : reason.test(text(event.body['reason']))) &&
      (!container || text(at(event.body, 'involvedObject', 'fieldPath')).endsWith(`{${container}}`));
    const found = this.events.findLast(fits);
    return found && oneLine(text(member(found.body, 'message')));
  }

  /** The reason of the last event of an object. */
  lastReason(object: About): string {
    return text(this.events.findLast((event) => isAbout(event, object))?.body['reason']);
  }
}

function isAbout({ body }: KubeObject, { kind, name }: About): boolean {
  return at(body, 'involvedObject', 'name') === name && at(body, 'involvedObject', 'kind') === kind;
}

function happenedAt({ body }: KubeObject): string {
  return text(body['lastTimestamp']) || text(body['eventTime']) || text(at(body, 'metadata', 'creationTimestamp'));
}

function oneLine(message: string): string {
  return message.replace(/\s+/g, ' ').trim();
}
