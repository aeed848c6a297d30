#!/usr/bin/env -S node --
// "--": Node 20 looks for --env-file among the program's own arguments too, unless they are marked as its own
import "../dist/cli.js";
