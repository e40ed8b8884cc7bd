// A mail server that refuses everybody until it is told not to.

import { createServer, type Socket } from 'node:net';

export type MailServer = {
  port: number;
  /** Recipients whose mail was taken. */
  taken: string[];
  refuses: boolean;
  end: () => Promise<void>;
};

export async function startMailServer(): Promise<MailServer> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    talk(socket, mail);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('the mail server has no port');
  const mail: MailServer = {
    port: address.port,
    taken: [],
    refuses: true,
    end: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return mail;
}

function talk(socket: Socket, mail: MailServer) {
  let rest = '';
  let inMail = false;
  let recipient = '';
  const say = (line: string) => socket.write(`${line}\r\n`);
  const hear = (line: string) => {
    if (inMail) {
      if (line !== '.') return;
      inMail = false;
      mail.taken.push(recipient);
      say('250 taken');
    } else if (/^RCPT/i.test(line)) {
      recipient = /<(.*)>/.exec(line)?.[1] ?? '';
      say(mail.refuses ? '550 5.1.1 nobody of this name' : '250 fine');
    } else if (/^DATA/i.test(line)) {
      inMail = true;
      say('354 go on');
    } else if (/^QUIT/i.test(line)) {
      say('221 bye');
      socket.end();
    } else {
      say('250 fine');
    }
  };
  socket.on('data', (chunk) => {
    rest += chunk.toString();
    const lines = rest.split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) hear(line);
  });
  say('220 here');
}
