// What the pages' scripts use of the vendored clients, for the type checker alone (htmx 4.0.1, tus-js-client 4.3.1).

declare namespace htmx {
  function process(element: Element): void;
  function trigger(element: Element, event: string): void;
}

declare namespace tus {
  interface HttpResponse {
    getStatus(): number;
    getBody(): string;
  }

  interface DetailedError extends Error {
    originalResponse: HttpResponse | null;
  }

  interface UploadOptions {
    endpoint: string;
    uploadUrl: string | null;
    chunkSize: number;
    retryDelays: number[];
    storeFingerprintForResuming: boolean;
    metadata: Record<string, string>;
    onUploadUrlAvailable: () => void;
    onProgress: (sent: number, total: number) => void;
    onSuccess: () => void;
    onError: (error: Error | DetailedError) => void;
  }

  class Upload {
    constructor(file: File, options: UploadOptions);
    readonly url: string | null;
    start(): void;
    abort(): Promise<void>;
  }
}
