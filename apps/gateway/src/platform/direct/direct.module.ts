import { Module } from '@nestjs/common';
import { DiscoveryModule, MetadataScanner } from '@nestjs/core';
import { DirectRoutes } from './direct-routes.service.js';

@Module({ imports: [DiscoveryModule], providers: [DirectRoutes, MetadataScanner] })
export class DirectModule {}
