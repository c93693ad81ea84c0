import { Module } from '@nestjs/common';
import { DiscoveryModule, MetadataScanner } from '@nestjs/core';
import { DirectDoor } from './direct-door.service.js';
import { DirectRoutes } from './direct-routes.service.js';

@Module({ imports: [DiscoveryModule], providers: [DirectDoor, DirectRoutes, MetadataScanner] })
export class DirectModule {}
