import { Module } from '@nestjs/common';
import { Quota } from './quota.service.js';

@Module({ providers: [Quota], exports: [Quota] })
export class QuotaModule {}
