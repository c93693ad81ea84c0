import { type DynamicModule, Module } from '@nestjs/common';
import { BodyReader } from './body.reader.js';

@Module({})
export class BodiesModule {
  /** @param bodies shared with the HTTP adapter, which is made before any module */
  static forRoot(bodies: BodyReader): DynamicModule {
    return {
      module: BodiesModule,
      global: true,
      providers: [{ provide: BodyReader, useValue: bodies }],
      exports: [BodyReader],
    };
  }
}
