// Which methods does a path know? Fastify answers an unknown method as an unknown path; the contract wants a 405.

interface Route {
  method: string;
  segments: string[];
}

const matches = (pattern: string[], path: string[]): boolean => {
  for (const [index, segment] of pattern.entries()) {
    if (segment === '*') return true;
    const given = path[index];
    if (segment.startsWith(':') ? !given : segment !== given) return false;
  }
  return pattern.length === path.length;
};

export class RouteTable {
  private readonly routes: Route[] = [];

  add(methods: string | string[], url: string): void {
    for (const method of [methods].flat()) this.routes.push({ method, segments: url.split('/') });
  }

  /** The methods that some route has for the path, sorted. */
  methodsOf(path: string): string[] {
    const given = path.split('/');
    const found = this.routes.filter(route => matches(route.segments, given)).map(route => route.method);
    return [...new Set(found)].sort();
  }
}
