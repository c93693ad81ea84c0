import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { ApiErrorFilter } from './api-error.filter.js';
import { JsonBodyPipe } from './json-body.pipe.js';
import { RouteTable } from './route-table.js';

@Module({})
export class HttpModule {
  static forRoot(routes: RouteTable): DynamicModule {
    return {
      module: HttpModule,
      global: true,
      providers: [
        { provide: RouteTable, useValue: routes },
        { provide: APP_FILTER, useClass: ApiErrorFilter },
        { provide: APP_PIPE, useClass: JsonBodyPipe },
      ],
      exports: [RouteTable],
    };
  }
}
