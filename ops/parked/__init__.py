"""What services could not apply: found, understood, mended or set aside by an operator, every act of whom is noted."""
