import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { AdminTiersController } from './admin-tiers.controller.js';
import { AdminUsersController } from './admin-users.controller.js';
import { QuotaModule } from './quota/index.js';
import { TierStore } from './tier.store.js';
import { TiersController } from './tiers.controller.js';
import { Tiers } from './tiers.service.js';

@Module({
  imports: [AuthModule, QuotaModule],
  controllers: [TiersController, AdminTiersController, AdminUsersController],
  providers: [TierStore, Tiers],
  exports: [Tiers, QuotaModule],
})
export class TiersModule {}
