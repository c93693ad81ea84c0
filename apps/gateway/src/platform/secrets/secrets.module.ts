import { type DynamicModule, Module } from '@nestjs/common';
import { SecretBox } from './secret-box.js';

/** Provides the {@link SecretBox} to every store that keeps secrets. */
@Module({})
export class SecretsModule {
  static forRoot(secrets: SecretBox): DynamicModule {
    return {
      module: SecretsModule,
      global: true,
      providers: [{ provide: SecretBox, useValue: secrets }],
      exports: [SecretBox],
    };
  }
}
