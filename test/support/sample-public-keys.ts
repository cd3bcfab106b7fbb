/** Public keys made with ssh-keygen, with the fingerprints that it prints. */

export interface SamplePublicKey {
  readonly line: string;
  readonly fingerprint: string;
}

export const ED25519_KEY: SamplePublicKey = {
  line: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINxDo2+PdUQV0WQ4LpcGtD0na5FX9pAdYAtQCmzBQz+L a@b',
  fingerprint: 'SHA256:ohMqGFr22a/rs/aB8M5ouUsYpC66RWze+MKrE0q6x3k',
};

export const ECDSA_256_KEY: SamplePublicKey = {
  line: 'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBOd3gk7iEKBgsUWmiZIFlMiF2DbwKm0QBcvlekQe43RmSZoc4iuG3oYm/BffLpqn1OgEawDGXxC1tiQByTMkVrw= e2',
  fingerprint: 'SHA256:rQL00KvTLXHNJufmdepNxC5rGxvTXEnY7EIuUW4/P00',
};

export const ECDSA_384_KEY: SamplePublicKey = {
  line: 'ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBLJWH+efqnOG04o/DjQCJugeSO9Mfv1QMz6UOiKgLGutSUadzzr4WmKo/rgr9npHgnDA4z+/gRlbgZWhf/qfpzslffP68pD0v7IGMjqHc0GFHZo0wzPayGdnXX+dL7sWLw== e3',
  fingerprint: 'SHA256:tPZfv0wr1dxyP4/myAC2hqxY8BcVLbiacHI7/VroFlY',
};

export const ECDSA_521_KEY: SamplePublicKey = {
  line: 'ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAFtQTwiQHfMwU1NfL5FisM2xeoVb15B5Yxfnhce+CkZ4DG1zwptwI/fU3QTo1ORPQGROIzVas1NxMUlgjnmWlNiuQCVQPZ//vjVIC7j4MlYExrRBuKwbwb/G2m54Cqr25IDomj2DHEnOfjeDmypWfocJCgLoKFnnmrFzhqTMXqu32xSKw== e5',
  fingerprint: 'SHA256:UstM260M9cg7ykrWe/qrx1ljZByIflTqRS8s8WG/KOo',
};

export const RSA_2048_KEY: SamplePublicKey = {
  line: 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC4nvPpPb/7EckFs2RxClcbtKbidrwxOufsyWluT59l7V7YIvm/6NFOe0aHIYugbCFWfTcwe2V6cALn65pXNO/Y5vCaALCW8hFHK2YKuD+5bVr/f+I55bgYVxqlV9mrEsDOCn/DgNI5lZFVBs7iM7dKTDs2IqELlO63I2LGIT1u4ERW56xVDBtab4jZmq/8XLYxiSaoQmGE4JynvzmGM8E4/kspyX8taF764n3CZVJBj8HMwx8nvUf5hE4pCg1nWqPQZakhxl+JH70/Ga8Fnn0XTTrdsRDjQiLNvdl55d67ftvtu8VfkDFRCrz6Qy+Ceg0ap8KgZOKjaq45iC/cIhZl r2',
  fingerprint: 'SHA256:7VgrfEIG+DXk4xhCKZ2Z1ldxt42EWcwCgaUAPlfOt9k',
};

export const RSA_1024_KEY: SamplePublicKey = {
  line: 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC09i3RNAj1ZDiwrHWyi7/byR56D9k2l0jsHuGM3u/5NORgbOCW88S1H/BgRIfzVv0YaIpR7Bt57DRR/zT+CN8u21428l3jgYEv0n5pqpR3t/QbmSb1cD2RbvDPe197Qt7uY+Oej6Rtq9I+U1vfHJTIe385AgSxBhTgYCjmipEPYw== r1',
  fingerprint: 'SHA256:qkUTEQhisiNRYUQguRdbNzKWUMPQ3u2dqVS7ETPDkxk',
};
