/** Why a port cannot be listened on, and what to do about it. */
export function listenFailure(error: NodeJS.ErrnoException, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `the port is taken by another program (\`ss -ltnp 'sport = :${port}'\` shows which); stop it or choose another port`;
    case 'EACCES':
      return 'ports below 1024 need root or CAP_NET_BIND_SERVICE; choose a higher port, such as 8080';
    case 'EADDRNOTAVAIL':
      return 'this machine does not have that address; use one that `ip address` shows, or none to listen on all';
    default:
      return `cannot listen there (${error.code ?? error.message})`;
  }
}
