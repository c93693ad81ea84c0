import { Injectable } from '@nestjs/common';
import type { CatalogModel } from './catalog-model.js';

/**
 * Whether a model has a server that is well. The catalog does not know; whoever sends the requests does, and says so
 * here, since the catalog may not ask what stands above it.
 */
@Injectable()
export class ModelReadiness {
  private judge = ({ upstreams }: CatalogModel): boolean => upstreams.length > 0;

  judgeBy(judge: (model: CatalogModel) => boolean): void {
    this.judge = judge;
  }

  isReady(model: CatalogModel): boolean {
    return this.judge(model);
  }
}
