import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import './style.css';

export const metadata: Metadata = {
  title: 'Kinetune: models',
  description: 'Weights and cost of human-activity-recognition models by their hyperparameters.',
};

export default function Layout({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <html lang="en">
      <body>
        <header>
          <strong>Kinetune</strong>
          <nav aria-label="Pages">
            <a href="/" aria-current="page">
              Models
            </a>
          </nav>
        </header>
        <main>{children}</main>
      </body>
    </html>
  );
}
