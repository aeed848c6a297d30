/** How a collector gets to a server: over TLS with the server's own authority. */
export interface Door {
  readonly url: string;
  readonly caFile: string;
  readonly token: string;
}

/** An object that a test makes or removes. */
export interface TestObject {
  readonly resource: "pods" | "secrets" | "configmaps";
  readonly namespace: string;
  readonly name: string;
}

/** What an API server, real or simulated, has to offer to be held to the contract. */
export interface ContractServer extends AsyncDisposable {
  /** Everything may be read. */
  readonly admin: Door;
  /** Everything but secrets. */
  readonly partial: Door;
  /** Everything, and a revision is gone as soon as `compact` says so. */
  readonly forgetful: Door;
  /** Has signed nothing. */
  readonly strangeCaFile: string;
  /** PEM files of a client who may read everything. */
  readonly client: { readonly certFile: string; readonly keyFile: string };
  /** A namespace that is there. */
  readonly namespace: string;
  create(object: TestObject, data?: Readonly<Record<string, string>>): Promise<void>;
  remove(object: TestObject): Promise<void>;
  /** Moves on by one change and forgets all revisions before it. */
  compact(): Promise<void>;
}
