import { Global, Module } from '@nestjs/common';
import { ChangeFeed } from './change-feed.service.js';
import { ChangeStore } from './change.store.js';

@Global()
@Module({ providers: [ChangeStore, ChangeFeed], exports: [ChangeFeed] })
export class EventsModule {}
