import { Module, type DynamicModule } from '@nestjs/common';
import { DATABASE_OPTIONS, DatabaseService, type DatabaseOptions } from './database.service.js';
import { ReportingDatabase } from './reporting-database.service.js';

@Module({})
export class DatabaseModule {
  /** Everywhere in the application: `DatabaseService` and `ReportingDatabase` over the database at the URL. */
  static forRoot(options: DatabaseOptions): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [{ provide: DATABASE_OPTIONS, useValue: options }, DatabaseService, ReportingDatabase],
      exports: [DatabaseService, ReportingDatabase],
    };
  }
}
